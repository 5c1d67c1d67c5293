"""One recorded run of any module as frozen data."""
