// Nothing: what the test programs include is compiled in its target.
