"""What the labs share: a clock, records of runs, and one command line."""
