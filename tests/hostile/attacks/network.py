"""Without a network there is nothing to be reached, nor anybody to hear."""

from attack import Attack, all_refused, never, says, writes

REACH = ("reach",)

ATTACKS = [
    Attack("network/addresses", "services on the host's loopback, every port; a cloud's metadata; "
           "name servers; neighbours", "./reach network $CANARY_PORT", programs=REACH,
           holds=(all_refused(),), over_ssh=True),
    Attack("network/interfaces", "an interface to anywhere",
           "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '", holds=(writes("lo\n"),),
           selected=True),
    Attack("network/change", "interfaces changed", "./reach change", programs=REACH,
           holds=(all_refused(),)),
    Attack("network/names", "a name looked up", "timeout 5 perl -e 'print gethostbyname(q("
           "metadata.google.internal)) ? q(found) : q(none)'; timeout 5 getent hosts example.org; "
           "echo end", holds=(says("end"), never("found"))),
    Attack("network/abstract", "the host's abstract unix sockets",
           "./reach unix @$CANARY_ABSTRACT $(cut -d' ' -f8 /proc/net/unix | grep '^@' | head -50)",
           programs=REACH, holds=(all_refused(),), over_ssh=True),
    Attack("network/heard", "a name in the abstract space, and ports, for others to find",
           "./reach leave $MARK; sleep 0.2; echo end", programs=REACH, holds=(says("end"),)),
]
