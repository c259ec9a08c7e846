"""The editable documents: the mapping set (reason rules) and the policy (timing rules)."""
