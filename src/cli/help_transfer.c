/* The words of --help of export and import. */
#include "cli/help.h"

const char HELP_EXPORT[] =
    "dashspv export: a snapshot of what is verified, for another machine to verify again.\n"
    "\n"
    "Usage: dashspv export FILE [OPTIONS]\n"
    "\n"
    "The snapshot is taken at once, whether or not a daemon runs. It holds headers, masternode lists, quorums and locks with\n"
    "all that proves them; addresses of nodes, bans and secrets are not in it. A FILE that is there is replaced when the new\n"
    "one is whole.\n";
const char HELP_EXPORT_END[] =
    "\n"
    "Example\n"
    "  dashspv export --network=testnet testnet.snapshot\n"
    "\n"
    "Exit codes\n"
    "  0    written\n"
    "  1    not everything is verified at the moment, so that nobody could verify the snapshot: try again\n"
    "  2    the command line cannot be understood, the store not be read, or FILE not be written\n";

const char HELP_IMPORT[] =
    "dashspv import: begin a data directory with a snapshot, believing nothing in it.\n"
    "\n"
    "Usage: dashspv import FILE [OPTIONS]\n"
    "\n"
    "Every header passes every rule, proof of work included, from genesis or one of the starts built into this program on;\n"
    "every list is proven against its block, the signatures of every quorum and of the ChainLock are checked. Only when all\n"
    "of that holds up to the best block, the store is put in its place; otherwise nothing is left behind. A store that is there\n"
    "already is never touched.\n"
    "\n"
    "What a snapshot cannot prove is that there is no longer chain: dashspv run finds that out from its peers.\n";
const char HELP_IMPORT_END[] =
    "\n"
    "Examples\n"
    "  dashspv import --network=testnet testnet.snapshot\n"
    "  dashspv import --data-dir=/var/lib/dashspv mainnet.snapshot\n"
    "\n"
    "Exit codes\n"
    "  0    all of it is verified and in its place\n"
    "  1    something is false, damaged or not verified; it is named\n"
    "  2    the command line cannot be understood, FILE not be read, there is a store already, or the new\n"
    "       one cannot be written\n";
