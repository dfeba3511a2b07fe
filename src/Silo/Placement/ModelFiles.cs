using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Silo.Placement;

/// <summary>
/// Sizes of models, from their headers alone. Those of a file are read again when it changed. Those of a model on a server are read beside the plans, the first time
/// and again now and then, and kept: a server that is slow or gone must not hold up a grain.
/// </summary>
/// <param name="models">Opens models.</param>
/// <param name="time">Clock.</param>
internal sealed class ModelFiles(ModelLibrary models, TimeProvider time)
{
    private static readonly TimeSpan ServerAge = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, (DateTime Written, object Outcome)> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<ModelDefinition, (long Began, Task Reading)> _readings = [];

    /// <summary>
    /// Reads what a definition names on servers, unless that was done a short while ago; answers with the reading under way or the last one. It does not fail: what
    /// does is told by whoever measures it.
    /// </summary>
    public Task PrepareAsync(ModelDefinition model)
    {
        if (!new[] { model.ModelPath, model.DraftPath, model.HeadPath, model.ExitPath }.Any(path => path is not null && ModelLocation.IsRemote(path)))
        {
            return Task.CompletedTask;
        }
        lock (_readings)
        {
            bool wasRead = _readings.TryGetValue(model, out (long Began, Task Reading) last);
            if (!wasRead || (last.Reading.IsCompleted && time.GetElapsedTime(last.Began) >= ServerAge))
            {
                last = (time.GetTimestamp(), Task.Factory.StartNew(() => Prepare(model), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
                _readings[model] = last;
            }
            return last.Reading;
        }
    }

    /// <summary>The sizes of a model.</summary>
    /// <exception cref="ModelFileException">The file is not a model that Winnow knows.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ModelNotReadException">It is on a server, and <see cref="PrepareAsync"/> has not read it yet.</exception>
    public ModelFootprint Measure(string path) => Measure(path, anew: false);

    private ModelFootprint Measure(string path, bool anew) => Known(path, anew, () =>
    {
        using ModelFile file = models.Open(path);
        return ModelFootprint.Read(file);
    }, path);

    /// <summary>The sizes of a head.</summary>
    /// <param name="path">The head.</param>
    /// <param name="target">The model it drafts for.</param>
    /// <exception cref="ModelFileException">The file is not a head, or not one for this target.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ModelNotReadException">It or the target is on a server, and <see cref="PrepareAsync"/> has not read it yet.</exception>
    public HeadConfiguration MeasureHead(string path, string target) => MeasureHead(path, target, anew: false);

    private HeadConfiguration MeasureHead(string path, string target, bool anew) => Known($"{path}\0{target}\0head", anew, () =>
    {
        using ModelFile file = models.Open(path);
        return HeadConfiguration.Read(file, Measure(target).Configuration);
    }, path, target);

    /// <summary>The sizes of an early exit.</summary>
    /// <param name="path">The exit.</param>
    /// <param name="target">The model it drafts for.</param>
    /// <exception cref="ModelFileException">The file is not an early exit, or not one for this target.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="ModelNotReadException">It or the target is on a server, and <see cref="PrepareAsync"/> has not read it yet.</exception>
    public ExitModel MeasureExit(string path, string target) => MeasureExit(path, target, anew: false);

    private ExitModel MeasureExit(string path, string target, bool anew) => Known($"{path}\0{target}\0exit", anew, () =>
    {
        using ModelFile file = models.Open(path);
        using ModelFile whole = models.Open(target);
        return ExitModel.Read(file, whole);
    }, path, target);

    private void Prepare(ModelDefinition model)
    {
        try
        {
            Measure(model.ModelPath, anew: true);
            if (model.DraftPath is { } draft)
            {
                Measure(draft, anew: true);
            }
            if (model.HeadPath is { } head)
            {
                MeasureHead(head, model.ModelPath, anew: true);
            }
            if (model.ExitPath is { } exit)
            {
                MeasureExit(exit, model.ModelPath, anew: true);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // It is kept, and thrown again by the next to ask for it.
        }
    }

    private T Known<T>(string key, bool anew, Func<T> read, params string[] paths)
        where T : class
    {
        DateTime written = paths.Max(LastWritten);
        bool isKnown = _known.TryGetValue(key, out (DateTime Written, object Outcome) known) && known.Written == written;
        bool isRemote = paths.Any(ModelLocation.IsRemote);
        if (!isKnown && isRemote && !anew)
        {
            throw new ModelNotReadException(Array.Find(paths, ModelLocation.IsRemote)!);
        }
        if (!isKnown || (anew && isRemote))
        {
            object outcome = Read(read);
            bool isWorse = isKnown && known.Outcome is T && outcome is ExceptionDispatchInfo { SourceException: ModelFetchException };
            known = (written, isWorse ? known.Outcome : outcome);
            _known[key] = known;
        }
        if (known.Outcome is ExceptionDispatchInfo failure)
        {
            failure.Throw();
        }
        return (T)known.Outcome;
    }

    private static object Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return ExceptionDispatchInfo.Capture(exception);
        }
    }

    private static DateTime LastWritten(string path) => ModelLocation.IsRemote(path) ? default
        : Directory.Exists(path) ? Directory.EnumerateFiles(path).Select(File.GetLastWriteTimeUtc).Append(Directory.GetLastWriteTimeUtc(path)).Max()
        : File.GetLastWriteTimeUtc(path);
}
