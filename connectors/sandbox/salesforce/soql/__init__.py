"""SOQL: text to tree, tree to functions over records."""
