"""Building blocks for 1-D, 2-D and 3-D networks; each is a plain `nn.Module`."""
