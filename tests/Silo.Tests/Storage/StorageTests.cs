using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Winnow.Contracts.Grains;
using Winnow.Silo.Sessions;
using Winnow.Silo.Storage;
using Winnow.Silo.Tests.Support;

namespace Winnow.Silo.Tests.Storage;

/// <summary>What silos rely on of the storage of their grains, files or PostgreSQL alike.</summary>
public sealed class StorageTests(StorageFixture storages) : IClassFixture<StorageFixture>
{
    private const string Files = "file";
    private const string State = "contract";
    private readonly string _key = $"winnow/{Guid.NewGuid()}";

    private GrainId Id => GrainId.Create("model", _key);

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Read_NothingWritten_GivesAFreshValue(string storage)
    {
        GrainState<Value> read = await ReadAsync(storage);

        Assert.Equal(("", false, null), (read.State.Text, read.RecordExists, read.ETag));
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Read_AfterWritesBySomeoneElse_GivesTheLastValue(string storage)
    {
        GrainState<Value> written = new(new Value { Text = "first" });
        await WriteAsync(storage, written);
        written.State = new Value { Text = "second \0 ü 🌾 \"'", Numbers = [.. Enumerable.Range(0, 200_000)] };
        await WriteAsync(storage, written);

        GrainState<Value> read = await ReadAsync(storage);

        Assert.Equal((written.State.Text, true, written.ETag), (read.State.Text, read.RecordExists, read.ETag));
        Assert.Equal(written.State.Numbers, read.State.Numbers);
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Write_NotKnowingTheStoredValue_IsRefusedAndKeepsIt(string storage)
    {
        await WriteAsync(storage, new GrainState<Value>(new Value { Text = "kept" }));

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, new GrainState<Value>(new Value { Text = "lost" })));

        Assert.Equal("kept", (await ReadAsync(storage)).State.Text);
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task WriteOrClear_OfAnOlderVersion_IsRefusedAndKeepsTheNewer(string storage)
    {
        await WriteAsync(storage, new GrainState<Value>(new Value { Text = "old" }));
        GrainState<Value> late = await ReadAsync(storage);
        GrainState<Value> early = await ReadAsync(storage);
        early.State = new Value { Text = "new" };
        await WriteAsync(storage, early);
        late.State = new Value { Text = "late" };

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(storage, late));
        await Assert.ThrowsAsync<InconsistentStateException>(() => ClearAsync(storage, late));

        GrainState<Value> read = await ReadAsync(storage);
        Assert.Equal(("new", early.ETag), (read.State.Text, read.ETag));
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Write_ManyAtOnceOfOneVersion_OneWins(string storage)
    {
        (IGrainStorage one, _) = await storages.OpenAsync(storage);
        IGrainStorage other = storage == Files ? one : (await storages.OpenAsync(storage)).Storage;
        GrainState<Value>[] writers = [.. Enumerable.Range(0, 16).Select(number => new GrainState<Value>(new Value { Text = $"{number}" }))];

        Exception?[] outcomes = await Task.WhenAll(writers.Select((writer, i) => Record.ExceptionAsync(() => (i % 2 == 0 ? one : other).WriteStateAsync(State, Id, writer))));

        int winner = Assert.Single(Enumerable.Range(0, writers.Length), i => outcomes[i] is null);
        Assert.All(outcomes.Where(outcome => outcome is not null), outcome => Assert.IsType<InconsistentStateException>(outcome));
        Assert.Equal($"{winner}", (await ReadAsync(storage)).State.Text);
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Clear_WrittenState_IsGoneAndMayBeWrittenAnew(string storage)
    {
        GrainState<Value> state = new(new Value { Text = "x" });
        await WriteAsync(storage, state);
        await ClearAsync(storage, state);
        bool existed = (await ReadAsync(storage)).RecordExists;
        await WriteAsync(storage, state);

        Assert.False(existed);
        Assert.True((await ReadAsync(storage)).RecordExists);
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Write_OddAndLongKeysAndNames_KeepsThemApart(string storage)
    {
        string[] keys = ["..", "a/b", "a\\b", "a:b*c", "ü", "42", "%", "_", "a+b", new string('x', 400), new string('x', 399) + "y"];
        (IGrainStorage sut, _) = await storages.OpenAsync(storage);
        (string Name, GrainId Id)[] grains = [.. keys.SelectMany(key => new[] { "one", "two" }, (key, name) => (name, GrainId.Create("model", $"{key} {_key}")))];
        foreach ((string name, GrainId id) in grains)
        {
            await sut.WriteStateAsync(name, id, new GrainState<Value>(new Value { Text = name + id }));
        }
        foreach ((string name, GrainId id) in grains)
        {
            GrainState<Value> read = new();
            await sut.ReadStateAsync(name, id, read);
            Assert.Equal(name + id, read.State.Text);
        }
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Find_ByTheTimeOfTheLastWrite_GivesTheKeysOfThatNameAlone(string storage)
    {
        (IGrainStorage sut, IStateIndex index) = await storages.OpenAsync(storage);
        string name = $"name{Guid.NewGuid():N}";
        GrainState<Value> cleared = new(new Value());
        await sut.WriteStateAsync(name, GrainId.Create("session", "cmpl-there"), new GrainState<Value>(new Value()));
        await sut.WriteStateAsync(name + "x", GrainId.Create("session", "cmpl-other"), new GrainState<Value>(new Value()));
        await sut.WriteStateAsync(name, GrainId.Create("session", "cmpl-cleared"), cleared);
        await sut.ClearStateAsync(name, GrainId.Create("session", "cmpl-cleared"), cleared);

        Assert.Equal(["cmpl-there"], await index.FindAsync(name, TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Empty(await index.FindAsync(name, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1), CancellationToken.None));
    }

    [Theory]
    [InlineData(Files)]
    [PostgresData]
    public async Task Session_CheckpointedByOneSilo_GoesOnAtAnother(string storage)
    {
        SessionHead head = new() { RequestId = $"cmpl-{Guid.NewGuid():N}", Choice = 0, Model = "m", PromptTokens = new[] { 1 }, SamplingJson = "{}" };
        int written = 0;
        for (int checkpoint = 0; checkpoint < 10; checkpoint++)
        {
            ChoiceLog log = await LoadAsync(storage, head);
            Assert.Equal(Enumerable.Range(0, written), log.Tokens);
            int[] tokens = [.. Enumerable.Range(written, 32)];
            await log.AppendAsync(new SessionCheckpoint { Choice = 0, Position = written, Tokens = tokens }, 0);
            written += tokens.Length;
        }

        Assert.Equal(Enumerable.Range(0, written), (await LoadAsync(storage, head)).Tokens);
        (IGrainStorage sut, _) = await storages.OpenAsync(storage);
        await new SessionSegments(sut).RemoveAsync(head.RequestId, 0);
        Assert.Empty((await LoadAsync(storage, head)).Tokens);
    }

    private async Task<ChoiceLog> LoadAsync(string storage, SessionHead head)
    {
        (IGrainStorage sut, _) = await storages.OpenAsync(storage);
        ChoiceLog log = new(new SessionSegments(sut), head);
        await log.LoadAsync();
        return log;
    }

    private async Task<GrainState<Value>> ReadAsync(string storage)
    {
        GrainState<Value> state = new();
        await (await storages.OpenAsync(storage)).Storage.ReadStateAsync(State, Id, state);
        return state;
    }

    private async Task WriteAsync(string storage, GrainState<Value> state) => await (await storages.OpenAsync(storage)).Storage.WriteStateAsync(State, Id, state);

    private async Task ClearAsync(string storage, GrainState<Value> state) => await (await storages.OpenAsync(storage)).Storage.ClearStateAsync(State, Id, state);

    public sealed record Value
    {
        public string Text { get; set; } = "";

        public List<int> Numbers { get; set; } = [];
    }
}
