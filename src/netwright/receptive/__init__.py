"""The receptive field: which input positions each unit of a network depends on.

- `sets`: the positions themselves, as arrays of index sets; needs no torch.
- `readers`: for each operation of torch, which positions of its inputs an output reads.
- `walk` and `views`: one pass over a recorded graph, from the input to the outputs.
- `fields` and `unread`: the receptive field of every tensor, and the input positions that no output reads.
"""
