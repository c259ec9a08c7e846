"""What is shipped for the CRMs' own side, held against what our code reads and writes."""
