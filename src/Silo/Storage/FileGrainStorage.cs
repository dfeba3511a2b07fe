using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Winnow.Hosting;

namespace Winnow.Silo.Storage;

/// <summary>
/// Grain state as one JSON file per grain. A write goes to a temporary file, is flushed, renamed over the old one, and the directory is
/// flushed: after a crash at any point the old or the new value is there, whole. A damaged file is reported by name.
/// </summary>
/// <remarks>One silo owns the directory, held by a lock file.</remarks>
public sealed class FileGrainStorage : IGrainStorage, IStateIndex, IDisposable
{
    private const string Extension = ".json";
    private const string TemporaryExtension = ".tmp";

    /// <summary>Keys of so many characters that need no escaping are the names of their files; longer ones end in their hash.</summary>
    internal const int LongestPlainKey = 150;

    /// <summary>Locks that grains share by their path's hash, so that two writes of one grain never meet.</summary>
    private const int Turns = 64;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = false };
    private readonly string _directory;
    private readonly IDurableFiles _files;
    private readonly FileStream _lock;
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Turns).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Takes over a directory; makes it when it is not there, and deletes what a crash left half-written.</summary>
    /// <param name="directory">Directory of the state.</param>
    /// <param name="files">File operations.</param>
    /// <exception cref="StartupException">Another process uses the directory, or it cannot be written.</exception>
    public FileGrainStorage(string directory, IDurableFiles files)
    {
        _directory = Path.GetFullPath(directory);
        _files = files;
        _lock = TakeLock(_directory);
        foreach (string leftover in Directory.EnumerateFiles(_directory, "*" + TemporaryExtension, SearchOption.AllDirectories))
        {
            _files.Delete(leftover);
        }
    }

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        StateRecord? record = Load(PathOf(stateName, grainId), grainId);
        grainState.RecordExists = record is not null;
        grainState.ETag = record?.Version.ToString(CultureInfo.InvariantCulture);
        grainState.State = record is null ? Activator.CreateInstance<T>() : Value<T>(PathOf(stateName, grainId), record);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string path = PathOf(stateName, grainId);
        long began = Stopwatch.GetTimestamp();
        SemaphoreSlim turn = await EnterAsync(path);
        try
        {
            long version = CheckVersion(path, grainId, grainState.ETag) + 1;
            JsonElement state = JsonSerializer.SerializeToElement(grainState.State, Json);
            StateRecord record = new()
            {
                Format = StateRecord.CurrentFormat,
                Grain = grainId.ToString(),
                Version = version,
                Checksum = Checksum(grainId.ToString(), version, state),
                State = state,
            };
            byte[] content = JsonSerializer.SerializeToUtf8Bytes(record, Json);
            await Task.Run(() => Save(path, content));
            SiloMetrics.StateBytes.WithLabels(stateName).Inc(content.Length);
            grainState.ETag = version.ToString(CultureInfo.InvariantCulture);
            grainState.RecordExists = true;
        }
        finally
        {
            turn.Release();
        }
        SiloMetrics.StateWrites.WithLabels(stateName).Inc();
        SiloMetrics.StateWriteSeconds.Observe(Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string path = PathOf(stateName, grainId);
        SemaphoreSlim turn = await EnterAsync(path);
        try
        {
            CheckVersion(path, grainId, grainState.ETag);
            if (File.Exists(path))
            {
                _files.Delete(path);
                _files.SyncDirectory(Path.GetDirectoryName(path)!);
            }
            (grainState.ETag, grainState.RecordExists) = (null, false);
            grainState.State = Activator.CreateInstance<T>();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    Task<IReadOnlyList<string>> IStateIndex.FindAsync(string stateName, DateTimeOffset before, CancellationToken cancellation) => Task.Run<IReadOnlyList<string>>(
        () =>
        {
            DirectoryInfo directory = new(Path.Combine(_directory, stateName));
            return !directory.Exists ? [] :
            [
                .. directory.EnumerateFiles("k*" + Extension, SearchOption.AllDirectories)
                    .Where(file => file.LastWriteTimeUtc < before.UtcDateTime)
                    .Select(file => Uri.UnescapeDataString(file.Name[1..^Extension.Length])),
            ];
        },
        cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock.Dispose();
        foreach (SemaphoreSlim turn in _turns)
        {
            turn.Dispose();
        }
    }

    private static FileStream TakeLock(string directory)
    {
        string path = Path.Combine(directory, "silo.lock");
        try
        {
            Directory.CreateDirectory(directory);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"Silo:DataDirectory '{directory}' cannot be used ({exception.Message.TrimEnd('.')}); "
                + "stop the silo that uses it, or give another directory.",
                exception);
        }
    }

    /// <summary>A file per grain: <c>state/grain-type/key.json</c>. Keys that file systems do not take are escaped; long ones end in their hash.</summary>
    private string PathOf(string stateName, GrainId grainId)
    {
        string key = Uri.EscapeDataString(grainId.Key.ToString()!).Replace('*', '_');
        if (key.Length > LongestPlainKey)
        {
            string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
            key = $"{key[..(LongestPlainKey - hash.Length - 1)]}-{hash}";
        }
        return Path.Combine(_directory, stateName, Uri.EscapeDataString(grainId.Type.ToString()!), "k" + key + Extension);
    }

    private async Task<SemaphoreSlim> EnterAsync(string path)
    {
        SemaphoreSlim turn = _turns[(uint)path.GetHashCode(StringComparison.Ordinal) % Turns];
        await turn.WaitAsync();
        return turn;
    }

    private long CheckVersion(string path, GrainId grainId, string? etag)
    {
        long stored = Load(path, grainId)?.Version ?? 0;
        string? expected = stored == 0 ? null : stored.ToString(CultureInfo.InvariantCulture);
        return expected == etag
            ? stored
            : throw new InconsistentStateException(
                $"State of grain '{grainId}' is of version '{expected ?? "none"}', the writer's of '{etag ?? "none"}'; read it again.", expected, etag);
    }

    private void Save(string path, byte[] content)
    {
        string directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
            _files.SyncDirectory(Path.GetDirectoryName(directory)!);
            _files.SyncDirectory(_directory);
        }
        string temporary = path + TemporaryExtension;
        try
        {
            _files.WriteFlushed(temporary, content);
            _files.Replace(temporary, path);
        }
        catch (IOException exception)
        {
            // A full disk keeps the old value and gets back what the new one took; whatever is left is deleted at the next start.
            File.Delete(temporary);
            throw new IOException($"State file '{path}' cannot be written ({exception.Message.TrimEnd('.')}); its last value stays.", exception);
        }
        _files.SyncDirectory(directory);
    }

    private StateRecord? Load(string path, GrainId grainId)
    {
        byte[]? content = _files.Read(path);
        if (content is null)
        {
            return null;
        }
        StateRecord record;
        try
        {
            record = JsonSerializer.Deserialize<StateRecord>(content, Json) ?? throw new CorruptStateException(path, "it holds no record");
        }
        catch (JsonException exception)
        {
            throw new CorruptStateException(path, exception.Message, exception);
        }
        if (record.Format != StateRecord.CurrentFormat || record.Version < 1)
        {
            throw new CorruptStateException(
                path, $"format '{record.Format}', version '{record.Version}'; expected format {StateRecord.CurrentFormat} and a version from 1");
        }
        string checksum = Checksum(record.Grain, record.Version, record.State);
        if (record.Checksum != checksum)
        {
            throw new CorruptStateException(path, $"checksum '{record.Checksum}', its content has '{checksum}'");
        }
        return record.Grain == grainId.ToString()
            ? record
            : throw new CorruptStateException(path, $"it belongs to grain '{record.Grain}', not to '{grainId}'");
    }

    private static string Checksum(string grain, long version, JsonElement state)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{grain}\n{version}\n")));
        // The bytes themselves: damaged ones need not be text.
        hash.AppendData(JsonMarshal.GetRawUtf8Value(state));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static T Value<T>(string path, StateRecord record)
    {
        try
        {
            return record.State.Deserialize<T>(Json) ?? throw new CorruptStateException(path, "its value is null");
        }
        catch (JsonException exception)
        {
            throw new CorruptStateException(path, exception.Message, exception);
        }
    }
}
