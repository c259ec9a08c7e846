"""What the pages say: values as people read them, changes, numbers and remedies in words."""
