// Every test starts processes that use all cores; side by side they would only make each other late.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
