/* The words of --help of the commands that answer from the store. */
#include "cli/help.h"

#define FROM_THE_STORE                                                                                                           \
    "The answer comes from the data directory, whether or not a daemon runs, and as it is at this moment. Nothing in it is\n"    \
    "taken on trust: lists are proven again, and the signatures of quorums and locks checked again.\n"
#define EXIT_2 "  2    the question cannot be understood, or the store not be read\n"

const char HELP_STATUS[] = "dashspv status: does a daemon run, how far is the chain known, and is all of it verified?\n"
                           "\n"
                           "Usage: dashspv status [OPTIONS]\n"
                           "\n" FROM_THE_STORE;
const char HELP_STATUS_END[] = "\n"
                               "Examples\n"
                               "  dashspv status --network=testnet\n"
                               "  dashspv status --data-dir=/var/lib/dashspv --json\n"
                               "\n"
                               "Exit codes\n"
                               "  0    every wanted quorum is verified, with the masternode list of the best block\n"
                               "  1    not yet; what is missing is named\n" EXIT_2;

const char HELP_QUORUMS[] =
    "dashspv quorums: the quorums that are active at the latest proven masternode list, with their public keys.\n"
    "\n"
    "Usage: dashspv quorums [--type=TYPE] [OPTIONS]\n"
    "\n" FROM_THE_STORE
    "With --json each quorum is a row as in the file that `sync --report` writes, members and signers included.\n";
const char HELP_QUORUMS_END[] = "\n"
                                "Examples\n"
                                "  dashspv quorums\n"
                                "  dashspv quorums --type=llmq_100_67 --json\n"
                                "\n"
                                "Exit codes\n"
                                "  0    all of them are verified\n"
                                "  1    there are none, or not all are verified; each says what it waits for\n" EXIT_2;

const char HELP_QUORUM[] =
    "dashspv quorum: the public key of one quorum, as Platform proofs need it, or an honest answer why there is none.\n"
    "\n"
    "Usage: dashspv quorum TYPE HASH [--height=H] [OPTIONS]\n"
    "\n"
    "TYPE is the name or the number of a quorum type, HASH the block that names the quorum, as explorers show it. The answer is\n"
    "verified, committed (a proven block commits to it, its signatures are not verified yet), not yet (with when to ask again),\n"
    "retired, invalid or unknown; with --height as of that block.\n"
    "\n" FROM_THE_STORE;
const char HELP_QUORUM_END[] = "\n"
                               "Examples\n"
                               "  dashspv quorum llmq_100_67 HASH\n"
                               "  dashspv quorum 4 HASH --height=2028000 --json\n"
                               "\n"
                               "Exit codes\n"
                               "  0    verified: here is the key\n"
                               "  1    any other answer\n" EXIT_2;

const char HELP_PEERS[] =
    "dashspv peers: whom the daemon is connected to, what it knows of other nodes, which are banned and why.\n"
    "\n"
    "Usage: dashspv peers [OPTIONS]\n"
    "\n"
    "The daemon notes its connections every now and then; how long ago is told. When none runs, they are those of the\n"
    "last one. \"known from\" says how a node was found: named by the user, DNS, seeds that come with the program, gossip of\n"
    "other nodes, the masternode list.\n";
const char HELP_PEERS_END[] = "\n"
                              "Examples\n"
                              "  dashspv peers\n"
                              "  dashspv peers --network=testnet --json\n"
                              "\n"
                              "Exit codes\n"
                              "  0    here they are\n" EXIT_2;

const char HELP_CHECKPOINTS[] =
    "dashspv checkpoints: blocks of the kept chain that are final, for --checkpoints of a client that has none of it yet.\n"
    "\n"
    "Usage: dashspv checkpoints [--every=BLOCKS] [OPTIONS] > FILE\n"
    "\n"
    "Headers that lie between two known blocks can be asked for before those below them are there: with one known block every\n"
    "few thousand, a sync from genesis asks a node for many such ranges at once. From a node 100 ms away that is four times as\n"
    "fast, from one nearby it takes half the bytes. The program comes with a few dozen. This command prints more, a line\n"
    "\"HEIGHT HASH\" each, of the kept chain: from its start up to the ChainLocked block, or the program's last checkpoint, or\n"
    "on networks without checkpoints 50 000 blocks below the best one. Every header up to there is hashed again first, and\n"
    "must have its work and follow the one before.\n"
    "\n"
    "Whoever is given the file by --checkpoints=FILE believes it: that the chain goes through these blocks is not proven any\n"
    "more, and another chain is refused however much work it has. So make it yourself, by a sync without it, or have it from\n"
    "somebody whom you would trust with this program. Headers still pass every rule, on the way from one to the next. A store\n"
    "that says otherwise loses its headers from there on. When no node can be used any more because a block \"differs from the\n"
    "checkpoint at its height\", the file is wrong, or of another network.\n"
    "\n"
    "In the file '#' begins a comment, empty lines count for nothing; at most 100 000 blocks are taken.\n";
const char HELP_CHECKPOINTS_END[] = "\n"
                                    "Examples\n"
                                    "  dashspv checkpoints > mainnet.checkpoints\n"
                                    "  dashspv run --from=genesis --data-dir=/srv/other --checkpoints=mainnet.checkpoints\n"
                                    "  dashspv checkpoints --network=testnet --every=500 --json\n"
                                    "\n"
                                    "Exit codes\n"
                                    "  0    here they are\n"
                                    "  1    no block is final yet, or the store is damaged\n" EXIT_2;

const char HELP_MASTERNODES[] =
    "dashspv masternodes: a proven masternode list.\n"
    "\n"
    "Usage: dashspv masternodes [--height=H] [--evo] [--valid] [OPTIONS]\n"
    "\n" FROM_THE_STORE
    "Lists are kept at the latest block and at the blocks that quorums rest on; of another height nothing can be told.\n";
const char HELP_MASTERNODES_END[] = "\n"
                                    "Examples\n"
                                    "  dashspv masternodes --valid\n"
                                    "  dashspv masternodes --evo --json\n"
                                    "\n"
                                    "Exit codes\n"
                                    "  0    here it is, proven\n"
                                    "  1    no list is known yet, or none at that height\n" EXIT_2;

const char HELP_CHAINLOCK[] = "dashspv chainlock: the highest block that is known to be final; or whether a certain block is.\n"
                              "\n"
                              "Usage: dashspv chainlock [--block=HASH|HEIGHT] [OPTIONS]\n"
                              "\n"
                              "A block is final when it is on the best chain, at or below the best verified ChainLock. \"not "
                              "yet\" is one above it, \"not on\n"
                              "the best chain\" one of another branch, \"unknown\" one whose header is not there.\n"
                              "\n" FROM_THE_STORE;
const char HELP_CHAINLOCK_END[] = "\n"
                                  "Examples\n"
                                  "  dashspv chainlock\n"
                                  "  dashspv chainlock --block=2028000 --json\n"
                                  "\n"
                                  "Exit codes\n"
                                  "  0    here it is, verified; with --block: it is final\n"
                                  "  1    none is verified yet; with --block: any other answer\n" EXIT_2;

const char HELP_VERIFY_CHAINLOCK[] =
    "dashspv verify-chainlock: is this ChainLock good?\n"
    "\n"
    "Usage: dashspv verify-chainlock HEX [OPTIONS]\n"
    "\n"
    "HEX is the payload of a clsig message: height, block hash, signature. It is good when its block is on the best chain and\n"
    "the quorum that the rule selects for that height signed it.\n"
    "\n" FROM_THE_STORE;
const char HELP_VERIFY_LOCK_END[] = "\n"
                                    "Example\n"
                                    "  dashspv verify-chainlock $(cat clsig.hex)\n"
                                    "\n"
                                    "Exit codes\n"
                                    "  0    it is verified\n"
                                    "  1    it is false, or cannot be decided yet; the reason is named\n" EXIT_2;

const char HELP_VERIFY_INSTANTLOCK[] =
    "dashspv verify-instantlock: is this InstantSend lock good, and of this transaction?\n"
    "\n"
    "Usage: dashspv verify-instantlock HEX [--tx=HEX] [OPTIONS]\n"
    "\n"
    "HEX is the payload of an isdlock message. It is good when the rotated quorum that the rule selects for its inputs signed\n"
    "it. With --tx it must also be of that transaction: of the one with this id, or, given all of it, lock just its inputs.\n"
    "\n" FROM_THE_STORE;
const char HELP_VERIFY_INSTANTLOCK_END[] = "\n"
                                           "Example\n"
                                           "  dashspv verify-instantlock $(cat isdlock.hex) --tx=$(cat tx.hex)\n"
                                           "\n"
                                           "Exit codes\n"
                                           "  0    it is verified\n"
                                           "  1    it is false, of another transaction, or cannot be decided yet\n" EXIT_2;
