using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Silo.Sessions;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Tests.Storage;

/// <summary>A process that writes grain state and sessions until it is killed, and says what it has written.</summary>
internal static class StorageVictim
{
    internal const int Writers = 6;
    internal const int Sessions = 2;
    internal const int Step = 48;

    /// <summary>The entry point of this assembly, for the process that <see cref="KillTests"/> starts.</summary>
    internal static async Task<int> Main(string[] args)
    {
        // Every writer begins at once, however few cores there are.
        ThreadPool.SetMinThreads(2 * (Writers + Sessions), 1);
        using FileGrainStorage storage = new(args[0], new DurableFiles());
        await Task.WhenAll(
            Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(storage, writer)))
                .Concat(Enumerable.Range(0, Sessions).Select(session => Task.Run(() => StreamAsync(storage, session)))));
        return 0;
    }

    internal static GrainId Id(int writer) => GrainId.Create("victim", $"g{writer}");

    /// <summary>What a writer's state of a number holds; sizes differ much.</summary>
    internal static List<int> Content(int writer, int number) => [.. Enumerable.Range(number, number * 37 % 4001).Select(value => value ^ writer)];

    internal static SessionHead Head(int session) =>
        new() { RequestId = $"s{session}", Choice = 0, Model = "m", PromptTokens = new[] { 1 }, SamplingJson = "{}" };

    private static async Task WriteAsync(FileGrainStorage storage, int writer)
    {
        GrainState<VictimState> state = new();
        await storage.ReadStateAsync("state", Id(writer), state);
        while (true)
        {
            int number = state.State.Number + 1;
            state.State = new VictimState { Number = number, Content = Content(writer, number) };
            await storage.WriteStateAsync("state", Id(writer), state);
            Say('w', writer, number);
        }
    }

    private static async Task StreamAsync(FileGrainStorage storage, int session)
    {
        ChoiceLog log = new(new SessionSegments(storage), Head(session));
        await log.LoadAsync();
        while (true)
        {
            int[] tokens = [.. Enumerable.Range(log.Tokens.Count, Step)];
            await log.AppendAsync(new SessionCheckpoint { Choice = 0, Position = log.Tokens.Count, Tokens = tokens }, 0);
            Say('s', session, log.Tokens.Count);
        }
    }

    // One write a line: what the reader has was written, also when the process is gone.
    private static void Say(char kind, int who, int number) => Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{kind} {who} {number} .\n"));
}

/// <summary>A state that can be checked by itself.</summary>
public sealed record VictimState
{
    public int Number { get; set; }

    public List<int> Content { get; set; } = [];
}
