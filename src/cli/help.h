/* The words of --help. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

extern const char HELP_MAIN[], HELP_SYNC[], HELP_SYNC_END[], HELP_PLAN[], HELP_PLAN_END[], HELP_DEMO[], HELP_DEMO_END[];

#endif
