"""A local CRM that speaks both protocols, strict by default: for the demo, the contract tests, the benchmarks."""
