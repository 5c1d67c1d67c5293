"""One file for each family of file formats; `netwright.data.read` chooses among them."""
