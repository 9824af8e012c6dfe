"""Every guard of the promises broken once on purpose, and the test that must fail then."""
