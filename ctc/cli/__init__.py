"""The command line: arguments -> pipeline, printing; no logic. Importing it loads only click."""
