/* See set_aside.h. The file itself goes first: when it is gone, SQLite takes no notice of a log that was left. */
#include "store/set_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

void set_aside_unmark(const char *path)
{
    char name[PROBLEM_PATH + 16];
    mark_name(path, name);
    unlink(name);
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

static int move_part(const char *path, const char *name, const char *part)
{
    char from[PROBLEM_PATH + 8], to[SET_ASIDE_NAME + 8];
    snprintf(from, sizeof(from), "%s%s", path, part);
    snprintf(to, sizeof(to), "%s%s", name, part);
    return rename(from, to) == 0 || errno == ENOENT ? 0 : errno;
}

dspv_store_problem set_aside(const char *path, char name[SET_ASIDE_NAME], dspv_store_report *report)
{
    int number = 1, error = 0;
    name[0] = '\0';
    if (exists(path)) {
        while (number < MOST_DAMAGED && !number_free(path, number))
            number++;
        snprintf(name, SET_ASIDE_NAME, "%s.damaged-%d", path, number);
        error = move_part(path, name, "");
        if (error == 0)
            error = move_part(path, name, "-wal");
        if (error == 0)
            error = move_part(path, name, "-shm");
    }
    if (error != 0)
        return problem_errno(report, error, path);
    set_aside_unmark(path);
    return report->problem = DSPV_STORE_FINE;
}

void set_aside_tidy(const char *name)
{
    char part[SET_ASIDE_NAME + 8];
    struct stat st;
    snprintf(part, sizeof(part), "%s-shm", name);
    unlink(part);
    snprintf(part, sizeof(part), "%s-wal", name);
    if (stat(part, &st) == 0 && st.st_size == 0)
        unlink(part);
}
