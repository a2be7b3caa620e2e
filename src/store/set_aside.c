/* See set_aside.h. The file itself goes first: when it is gone, SQLite takes no notice of a log that was left. */
#include "store/set_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/problem.h"

enum { MOST_DAMAGED = 10000 };

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void mark_name(const char *path, char out[PROBLEM_PATH + 16])
{
    snprintf(out, PROBLEM_PATH + 16, "%s.damaged", path);
}

void set_aside_mark(const char *path)
{
    char name[PROBLEM_PATH + 16];
    mark_name(path, name);
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd >= 0)
        close(fd);
}

bool set_aside_marked(const char *path)
{
    char name[PROBLEM_PATH + 16];
    mark_name(path, name);
    return exists(name);
}

static bool number_free(const char *path, int number)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    char name[PROBLEM_PATH + 32];
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "%s.damaged-%d%s", path, number, parts[i]);
        if (exists(name))
            return false;
    }
    return true;
}

static int move_part(const char *path, int number, const char *part)
{
    char from[PROBLEM_PATH + 8], to[PROBLEM_PATH + 32];
    snprintf(from, sizeof(from), "%s%s", path, part);
    snprintf(to, sizeof(to), "%s.damaged-%d%s", path, number, part);
    return rename(from, to) == 0 || errno == ENOENT ? 0 : errno;
}

dspv_store_problem set_aside(const char *path, dspv_store_report *report)
{
    report->text[0] = '\0';
    if (!exists(path))
        return report->problem = DSPV_STORE_FINE;
    int number = 1;
    while (number < MOST_DAMAGED && !number_free(path, number))
        number++;
    int error = move_part(path, number, "");
    if (error == 0)
        error = move_part(path, number, "-wal");
    if (error == 0)
        error = move_part(path, number, "-shm");
    if (error != 0)
        return problem_errno(report, error, path);
    char mark[PROBLEM_PATH + 16];
    mark_name(path, mark);
    unlink(mark);
    return problem_report(report, DSPV_STORE_FINE,
                          "%s was damaged; it is now %s.damaged-%d (delete it if you do not want to look "
                          "into it), and a new store was begun",
                          path, path, number);
}
