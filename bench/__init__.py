"""The benchmarks: every row of the table to reach, against its limit and its peers, in one run."""
