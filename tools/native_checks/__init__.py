"""Does the native code do what C++ promises: sanitizers, warnings, static analysis."""
