using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Winnow.Hosting;
using Winnow.Silo.Storage;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Storage;

/// <summary>Grain state on disk, beyond what every storage does: what was written is there, whole, whatever happened to the process, and damage is told by name.</summary>
public sealed class FileGrainStorageTests : IDisposable
{
    private static readonly GrainId Id = GrainId.Create("model", "winnow/target");
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Read_AfterWriteAndRestart_GivesTheValue()
    {
        await WriteAsync(new Value { Text = "first", Numbers = [1, 2] });

        GrainState<Value> read = await ReadAsync();

        Assert.Equal(("first", true, "1"), (read.State.Text, read.RecordExists, read.ETag));
        Assert.Equal([1, 2], read.State.Numbers);
    }

    [Fact]
    public async Task Write_StaleVersion_IsRefused()
    {
        using FileGrainStorage sut = Open();
        await sut.WriteStateAsync("state", Id, new GrainState<Value>(new Value()));

        InconsistentStateException exception = await Assert.ThrowsAsync<InconsistentStateException>(
            () => sut.WriteStateAsync("state", Id, new GrainState<Value>(new Value())));

        Assert.Equal("1", exception.StoredEtag);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_ProcessDiesAtAnyStep_LeavesTheOldOrTheNewValueWhole(bool tear)
    {
        await WriteAsync(new Value { Text = "old" });
        bool survived = false;
        for (int step = 1; !survived; step++)
        {
            FaultyFiles dying = new(new DurableFiles(), step, tear);
            using (FileGrainStorage sut = new(_folder.Root, dying))
            {
                GrainState<Value> state = new();
                await sut.ReadStateAsync("state", Id, state);
                state.State = new Value { Text = "new" };
                Exception? death = await Record.ExceptionAsync(() => sut.WriteStateAsync("state", Id, state));
                survived = death is null;
                Assert.True(death is null or ProcessDiedException, $"step {step}: {death}");
            }
            Assert.Contains((await ReadAsync()).State.Text, new[] { "old", "new" });
        }
        Assert.Equal("new", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Open_LeftoverTemporaryFile_IsDeletedAndIgnored()
    {
        await WriteAsync(new Value { Text = "kept" });
        string leftover = StateFile() + ".tmp";
        await File.WriteAllTextAsync(leftover, "{\"format\":1");

        GrainState<Value> read = await ReadAsync();

        Assert.Equal("kept", read.State.Text);
        Assert.False(File.Exists(leftover));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"format\":1,\"gr")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"format\":1,\"grain\":\"model/winnow/target\",\"version\":1,\"checksum\":\"\",\"state\":{}}")]
    public async Task Read_DamagedFile_IsReportedByName(string content)
    {
        await WriteAsync(new Value());
        string path = StateFile();
        await File.WriteAllTextAsync(path, content);

        CorruptStateException exception = await Assert.ThrowsAsync<CorruptStateException>(ReadAsync);

        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OneCharacterOfTheValueChanged_IsReportedByName()
    {
        await WriteAsync(new Value { Text = "kept" });
        string path = StateFile();
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("kept", "lost", StringComparison.Ordinal));

        CorruptStateException exception = await Assert.ThrowsAsync<CorruptStateException>(ReadAsync);

        Assert.Contains("checksum", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_AnyBitFlipped_GivesTheValueOrReportsTheFile()
    {
        await WriteAsync(new Value { Text = "kept", Numbers = [7] });
        string path = StateFile();
        byte[] content = await File.ReadAllBytesAsync(path);
        int reported = 0;
        using FileGrainStorage sut = Open();
        for (int bit = 0; bit < 8 * content.Length; bit += 5)
        {
            content[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(path, content);
            content[bit / 8] ^= (byte)(1 << (bit % 8));
            GrainState<Value> read = new();
            Exception? exception = await Record.ExceptionAsync(() => sut.ReadStateAsync("state", Id, read));
            reported += exception is null ? 0 : 1;
            Assert.True(
                exception is CorruptStateException corrupt ? corrupt.Path == path : (read.State?.Text, read.ETag, read.State?.Numbers[0]) == ("kept", "1", 7),
                $"bit {bit}: {exception?.ToString() ?? read.State?.ToString()}");
        }
        Assert.InRange(reported, content.Length, 2 * content.Length);
    }

    [Fact]
    public async Task Read_FileOfAnotherGrain_IsReportedByName()
    {
        await WriteAsync(new Value());
        string path = StateFile();
        string other = Path.Combine(Path.GetDirectoryName(path)!, "kother.json");
        File.Move(path, other);
        using FileGrainStorage sut = Open();

        CorruptStateException exception = await Assert.ThrowsAsync<CorruptStateException>(
            () => sut.ReadStateAsync("state", GrainId.Create("model", "other"), new GrainState<Value>()));

        Assert.Equal(other, exception.Path);
    }

    [Fact]
    public async Task Write_DiskFull_KeepsTheOldValueNamesTheFileAndLeavesOthersAlone()
    {
        await WriteAsync(new Value { Text = "old" });
        string path = StateFile();
        FullDisk disk = new(path);
        using (FileGrainStorage sut = new(_folder.Root, disk))
        {
            GrainState<Value> state = new();
            await sut.ReadStateAsync("state", Id, state);
            state.State = new Value { Text = "new" };
            IOException exception = await Assert.ThrowsAsync<IOException>(() => sut.WriteStateAsync("state", Id, state));
            await sut.WriteStateAsync("state", GrainId.Create("model", "other"), new GrainState<Value>(new Value()));
            Assert.Contains(path, exception.Message, StringComparison.Ordinal);
            Assert.Equal("1", state.ETag);
        }
        Assert.Empty(Directory.GetFiles(_folder.Root, "*.tmp", SearchOption.AllDirectories));
        Assert.Equal("old", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Write_OddAndLongKeys_KeepsThemApart()
    {
        string[] keys = ["..", "a/b", "a\\b", "a:b*c", "ü", new string('x', 400), new string('x', 399) + "y"];
        using FileGrainStorage sut = Open();
        foreach (string key in keys)
        {
            await sut.WriteStateAsync("state", GrainId.Create("model", key), new GrainState<Value>(new Value { Text = key }));
        }
        foreach (string key in keys)
        {
            GrainState<Value> read = new();
            await sut.ReadStateAsync("state", GrainId.Create("model", key), read);
            Assert.Equal(key, read.State.Text);
        }
        Assert.All(Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories), f => Assert.StartsWith(_folder.Root, f, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_DirectoryInUse_SaysSo()
    {
        using FileGrainStorage first = Open();

        StartupException exception = Assert.Throws<StartupException>(Open);

        Assert.Contains(_folder.Root, exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private FileGrainStorage Open() => new(_folder.Root, new DurableFiles());

    private string StateFile() => Directory.GetFiles(_folder.Root, "*.json", SearchOption.AllDirectories).Single();

    private async Task WriteAsync(Value value)
    {
        using FileGrainStorage storage = Open();
        await storage.WriteStateAsync("state", Id, new GrainState<Value>(value));
    }

    private async Task<GrainState<Value>> ReadAsync()
    {
        using FileGrainStorage storage = Open();
        GrainState<Value> state = new();
        await storage.ReadStateAsync("state", Id, state);
        return state;
    }

    public sealed record Value
    {
        public string Text { get; set; } = "";

        public List<int> Numbers { get; set; } = [];
    }
}
