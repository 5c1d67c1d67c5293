"""One thing of each kind that a package can add to Netwright, and one that is broken."""
