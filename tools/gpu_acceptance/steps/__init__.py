"""One module a step: ``run(scene)`` returns what it left out for want of time, or nothing."""
