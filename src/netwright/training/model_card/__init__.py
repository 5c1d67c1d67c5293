"""The model card of a run: what was measured of it, and the text in the format of the Hugging Face Hub."""
