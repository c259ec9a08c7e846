"""What is written for people: every link leads somewhere, every command runs, every list is whole."""
