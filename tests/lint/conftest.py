"""The programs are faulty on purpose: they are checked, never collected."""

collect_ignore_glob = ["programs/*", "rules/programs/*"]
