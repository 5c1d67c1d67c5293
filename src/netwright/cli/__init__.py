"""The command `netwright`: one file a command."""
