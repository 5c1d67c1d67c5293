"""One file for each task; each ends in `TASK`, the class of the task."""
