"""What Parley survives: a cluster on this machine, faults, and an oracle that compares three records."""
