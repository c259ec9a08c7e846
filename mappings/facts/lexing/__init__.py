"""A text -> symbols: what each of its words may say of time, in eight languages."""
