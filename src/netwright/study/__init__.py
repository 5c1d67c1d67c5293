"""Several designs over several seeds: comparison, statistics, report."""
