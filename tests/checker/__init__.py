"""Plans worked out a second time, by other means, from the policy document and the text of the policy alone."""
