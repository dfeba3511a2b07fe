namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>Something of a replica that is timed by its size.</summary>
internal interface ICalibrationProbe
{
    /// <summary>Sizes to time, rising; never empty.</summary>
    IReadOnlyList<int> Sizes { get; }

    /// <summary>Runs it once.</summary>
    /// <param name="size">One of <see cref="Sizes"/>.</param>
    /// <param name="cancellation">Ends the wait for it.</param>
    /// <returns>Whether it did all that was asked, so that its time counts.</returns>
    Task<bool> RunAsync(int size, CancellationToken cancellation);

    /// <summary>Frees what the runs have left on the replica.</summary>
    /// <param name="cancellation">Ends the wait for it.</param>
    Task CloseAsync(CancellationToken cancellation);
}
