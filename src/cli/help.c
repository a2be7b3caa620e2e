/* The words of --help: what a command is for, how it is called, examples, exit codes. The options come from options.c. */
#include "cli/help.h"

const char HELP_MAIN[] =
    "dashspv follows the Dash network without a full node and believes nothing it has not verified.\n"
    "\n"
    "Usage: dashspv COMMAND [OPTIONS]\n"
    "\n"
    "  demo       a full verified sync over TCP against a recorded network on this machine: start here\n"
    "  run        follow the network for as long as it is let, and keep what is verified\n"
    "  sync       a verified sync from a node that is named\n"
    "  plan       which requests that takes, and why each of them\n"
    "  verify     check captured messages offline: mnlistdiff, qrinfo, clsig, isdlock\n"
    "  version    the version of this program\n"
    "  help       this text; `dashspv help COMMAND` explains one command, `dashspv help config` the configuration\n"
    "\n"
    "Examples\n"
    "  dashspv demo\n"
    "  dashspv run --network testnet\n"
    "  dashspv sync --network testnet --connect 127.0.0.1:19999 --exit-when-synced\n"
    "  dashspv verify --network mainnet --headers headers_2028000_2029000.bin qrinfo.bin\n"
    "\n"
    "Exit codes\n"
    "  0  everything that was asked for is verified\n"
    "  1  something is false, or could not be verified (in time)\n"
    "  2  the command line or a file cannot be understood\n";

const char HELP_SYNC[] =
    "dashspv sync: download headers, masternode lists and quorums from a node, and verify every one of them.\n"
    "\n"
    "Usage: dashspv sync --network=NAME --connect=HOST:PORT [OPTIONS]\n"
    "\n"
    "The node is believed nothing: headers need their proof of work, lists must lead to the roots in a proven\n"
    "coinbase, quorums need the signatures of their members. \"Synced\" means that all of it held. Afterwards new\n"
    "blocks and ChainLocks are followed until Ctrl-C, unless --exit-when-synced is given; that also gives up when no\n"
    "peer can be used for 30 seconds or not all can be verified, while --timeout waits on until its time is over.\n"
    "On a terminal a progress line is shown. Into a pipe only the summary is written, with --json every event and, each\n"
    "second, the progress.\n"
    "\n"
    "With --rpc-url a full node is asked for what no peer told: the best ChainLock when none was verified for a minute, a\n"
    "block when its ChainLock signature is wanted. It is believed as little as they are, and the sync goes on without it.\n"
    "Only https keeps the credentials from those who see the traffic to another machine.\n"
    "\n"
    "With --proxy every connection to a peer goes through a SOCKS 5 proxy, and names are looked up by it or not at all:\n"
    "nothing is asked of this machine's DNS. With Tor, onion services can be named and each connection takes a circuit of\n"
    "its own. The RPC of --rpc-url is asked directly.\n";

const char HELP_SYNC_END[] =
    "\n"
    "Examples\n"
    "  dashspv sync --connect seed.example.org --exit-when-synced --report=state.json\n"
    "  dashspv sync --network=testnet --connect=[::1]:19999 --explain\n"
    "  dashspv sync --proxy=127.0.0.1:9050 --connect=seed.example.org\n"
    "  dashspv sync --connect=[::1] --rpc-url=http://127.0.0.1:9998 --rpc-cookie=$HOME/.dashcore/.cookie\n"
    "  dashspv sync --network=regtest --connect=127.0.0.1:19899 --dip3params=2:2 \\\n"
    "      --testactivationheight=v20@100 --testactivationheight=mn_rr@100 --json\n"
    "\n"
    "Exit codes\n"
    "  0    synced: every wanted quorum is verified (also when stopped by a signal while synced)\n"
    "  1    not synced: the time is over, or something did not verify\n"
    "  2    the command line cannot be understood, the peer's name not resolved, or the report not written\n"
    "  130  stopped by Ctrl-C before it was synced (143: by SIGTERM)\n";

const char HELP_PLAN[] =
    "dashspv plan: show which requests a sync makes, and why each of them.\n"
    "\n"
    "Usage: dashspv plan --network=NAME --connect=HOST:PORT [OPTIONS]\n"
    "       dashspv plan --capture [OPTIONS] FILE...      offline; see dashspv plan --capture --help\n"
    "\n"
    "What is missing shows only as answers come and are verified, so the plans are carried out: the first asks for\n"
    "the rotation cycle and the tip, the next for what the quorums found there still lack, until nothing is missing.\n"
    "Every plan is printed with one line per request: its kind, the block it builds on, the block it is for, the\n"
    "reason. With --json a plan is one object: {\"event\": \"plan\", \"strategy\", \"requests\": [{\"kind\", \"base_height\",\n"
    "\"height\", \"priority\", \"reason\"}], ...}.\n";

const char HELP_PLAN_END[] =
    "\n"
    "Examples\n"
    "  dashspv plan --network=testnet --connect=[::1]:19999\n"
    "  dashspv plan --connect=seed.example.org --json\n"
    "  dashspv plan --capture mnlistdiff.bin qrinfo.bin\n"
    "\n"
    "Exit codes\n"
    "  0    the plans brought all: every wanted quorum is verified\n"
    "  1    they did not, or the time is over\n"
    "  2    the command line cannot be understood, or the peer's name not resolved\n"
    "  130  stopped by Ctrl-C (143: by SIGTERM)\n";

const char HELP_DEMO[] =
    "dashspv demo: a full verified sync on this machine, without the Internet.\n"
    "\n"
    "Usage: dashspv demo [OPTIONS]\n"
    "\n"
    "A recorded network (a real Dash Core regtest with masternodes, real key generations and ChainLocks) is served\n"
    "on a free loopback port. The real client connects to it over TCP: handshake, headers, QRINFO, MNLISTDIFF for what\n"
    "is missing, verification of everything. Then the recorded chain goes on, and its new blocks, quorums and\n"
    "ChainLocks are verified as they come.\n";

const char HELP_DEMO_END[] = "\n"
                             "Examples\n"
                             "  dashspv demo\n"
                             "  dashspv demo --explain\n"
                             "  dashspv demo --json --report=state.json\n"
                             "\n"
                             "Exit codes\n"
                             "  0    every wanted quorum is verified\n"
                             "  1    something is not\n"
                             "  2    the command line cannot be understood, or the report not written\n"
                             "  130  stopped by Ctrl-C (143: by SIGTERM)\n";
