using System.Diagnostics;
using System.Globalization;
using Orleans;
using Winnow.Silo.Sessions;
using Winnow.Silo.Storage;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Storage;

/// <summary>A process that writes state is killed at any moment: every state is a former or the next one, whole.</summary>
public sealed class KillTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly int[] _written = new int[StorageVictim.Writers];
    private readonly int[] _streamed = new int[StorageVictim.Sessions];

    [Fact]
    public async Task Kill_AtRandomMoments_LeavesEveryStateWhole()
    {
        int kills = Environment.GetEnvironmentVariable("WINNOW_LONG_TESTS") is { Length: > 0 } ? 200 : 20;
        Random random = new(22);
        for (int kill = 0; kill < kills; kill++)
        {
            await RunAndKillAsync(random.Next(1, 80), TimeSpan.FromMicroseconds(random.Next(3000)));
            await CheckAsync(kill);
        }
        Assert.True(_written.Sum() >= kills && _streamed.Sum() > 0, $"'{kills}' runs wrote '{_written.Sum()}' states and '{_streamed.Sum()}' tokens");
    }

    public void Dispose() => _folder.Dispose();

    private async Task RunAndKillAsync(int afterLines, TimeSpan then)
    {
        using CancellationTokenSource limit = new(Limit);
        string[] args = [typeof(StorageVictim).Assembly.Location, _folder.Root];
        using Process victim = Process.Start(new ProcessStartInfo("dotnet", args) { RedirectStandardOutput = true })!;
        for (int line = 0; line < afterLines; line++)
        {
            Note((await victim.StandardOutput.ReadLineAsync(limit.Token))!);
        }
        long from = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(from) < then)
        {
            Thread.SpinWait(10);
        }
        victim.Kill();
        while (await victim.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            Note(line);
        }
        await victim.WaitForExitAsync(limit.Token);
    }

    private void Note(string line)
    {
        if (line.Split(' ') is [var kind, var who, var number, "."])
        {
            (kind == "w" ? _written : _streamed)[int.Parse(who, CultureInfo.InvariantCulture)] = int.Parse(number, CultureInfo.InvariantCulture);
        }
    }

    private async Task CheckAsync(int kill)
    {
        using FileGrainStorage storage = new(_folder.Root, new DurableFiles());
        for (int writer = 0; writer < _written.Length; writer++)
        {
            GrainState<VictimState> state = new();
            await storage.ReadStateAsync("state", StorageVictim.Id(writer), state);
            Assert.True(state.State.Number - _written[writer] is 0 or 1, $"kill {kill}: writer {writer} had written '{_written[writer]}', stored is '{state.State.Number}'");
            Assert.Equal(state.State.Number == 0 ? [] : StorageVictim.Content(writer, state.State.Number), state.State.Content);
            _written[writer] = state.State.Number;
        }
        for (int session = 0; session < _streamed.Length; session++)
        {
            ChoiceLog log = new(new SessionSegments(storage), StorageVictim.Head(session));
            await log.LoadAsync();
            Assert.True(log.Tokens.Count - _streamed[session] is 0 or StorageVictim.Step, $"kill {kill}: session {session} had '{_streamed[session]}', stored are '{log.Tokens.Count}'");
            Assert.Equal(Enumerable.Range(0, log.Tokens.Count), log.Tokens);
            _streamed[session] = log.Tokens.Count;
        }
    }
}
