"""The parts of `plan`: what is known, the rules that give dates, and the days a person can act on."""
