/* How many threads libuv works on (jobs of the client, names). */
#ifndef IO_THREADS_H
#define IO_THREADS_H

/* As many as the machine has cores, 2 to 16, unless the user has set UV_THREADPOOL_SIZE: more than cores would all end their jobs at
 * the same time, and then all wait for the client. Once, before libuv is given work and before there are threads. */
void threads_as_cores(void);
/* The calling thread works on jobs: it steps back behind the thread of the loop, which gives out the next ones, and behind other
 * programs. On Linux, where a thread has a priority of its own. */
void thread_steps_back(void);

#endif
