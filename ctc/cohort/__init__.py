"""Virtual patients: sampled, followed many at a time, summed up in one table."""
