"""The statements of a file that one of its objects needs: a backward slice over the syntax tree.

A training script is not written to be imported: below the definition of its network it loads data, trains and
prints. `slice_of` says which statements to execute to have the network, and which lines are left out.
"""
