using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;
using Winnow.Silo.Placement;

namespace Winnow.Silo.Tests.Support;

/// <summary>A replica, <c>m/0</c> as a rule, without a silo: its grains are doubles.</summary>
internal static class TestReplica
{
    public static ReplicaContext Context(ReplicaState state, IGrainFactory shards, IWorkerDirectoryGrain? directory = null, PlanSource? plans = null, TimeProvider? time = null, string key = "m/0")
    {
        TimeProvider clock = time ?? TimeProvider.System;
        ReplicaStore store = new(new StateInMemory<ReplicaState>(state));
        ReplicaPlacer placer = new(shards, key);
        WorkerView workers = new(clock, TimeSpan.FromSeconds(5));
        return new ReplicaContext
        {
            Key = key,
            Store = store,
            Placer = placer,
            Plans = plans ?? new PlanSource(null!),
            Workers = workers,
            Reports = new ShardReports(store, placer, workers, TimeSpan.FromSeconds(2)),
            Directory = directory ?? GrainDouble.Of<IWorkerDirectoryGrain>((_, _) => Task.FromResult(true)),
            Options = new SiloOptions(),
            Time = clock,
            Logger = NullLogger.Instance,
            Wake = () => { },
        };
    }

    public static WorkerRecord Worker(string id, WorkerHealth health = WorkerHealth.Alive) => new()
    {
        WorkerId = id,
        Instance = id,
        Address = $"http://{id}:1",
        Roles = WorkerRoles.Target | WorkerRoles.Draft,
        Device = "d",
        MemoryBytes = 1_000_000_000,
        ProcessId = 1,
        Backend = "b",
        Incarnation = 1,
        Health = health,
        LastBeat = default,
    };

    public static HeldShard Held(int index, string worker, string replica = "m/0") =>
        new() { Replica = replica, Index = index, WorkerId = worker, Instance = worker, Address = $"http://{worker}:1" };
}
