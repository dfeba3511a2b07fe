using Winnow.Inference.Files;

namespace Winnow.GpuWorker.Loading;

/// <summary>How far a load is.</summary>
/// <param name="Fraction">Part of the whole load, 0 to 1.</param>
/// <param name="Fetch">While tensors are fetched, how many of their bytes are there; afterwards <see langword="null"/>.</param>
/// <param name="BytesPerSecond">While tensors are fetched, the rate so far.</param>
internal readonly record struct LoadStage(double Fraction, FetchProgress? Fetch = null, long BytesPerSecond = 0);

/// <summary>Turns the reports of fetching and of loading into those of the whole. Where anything has to be fetched, that is most of it.</summary>
/// <param name="progress">Told of the whole.</param>
/// <param name="time">Clock.</param>
internal sealed class StageRelay(IProgress<LoadStage> progress, TimeProvider time) : IProgress<FetchProgress>, IProgress<Inference.Graph.LoadProgress>
{
    private const double FetchShare = 0.9;
    private readonly Lock _turn = new();
    private double _fetched;
    private long _reported = -1;
    private long _firstBytes;
    private long _began;

    /// <summary>Some bytes more have been fetched. Several may be told at once, and out of order.</summary>
    public void Report(FetchProgress value)
    {
        lock (_turn)
        {
            if (value.DoneBytes <= _reported)
            {
                return;
            }
            if (_reported < 0)
            {
                (_firstBytes, _began) = (value.DoneBytes, time.GetTimestamp());
            }
            _reported = value.DoneBytes;
            _fetched = FetchShare * value.DoneBytes / Math.Max(1, value.NeededBytes);
            double seconds = Math.Max(time.GetElapsedTime(_began).TotalSeconds, 1e-3);
            progress.Report(new LoadStage(_fetched, value, (long)((value.DoneBytes - _firstBytes) / seconds)));
        }
    }

    /// <summary>Some weights more are on the device.</summary>
    public void Report(Inference.Graph.LoadProgress value)
    {
        double loaded = value.TotalBytes == 0 ? 1 : (double)value.DoneBytes / value.TotalBytes;
        progress.Report(new LoadStage(_fetched + ((1 - _fetched) * loaded)));
    }
}
