namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// Where a unit of a row is stored. What a unit has one of lies at <see cref="First"/> + <see cref="Slot"/>; plane p of its n planes lies at
/// n <see cref="First"/> + p <see cref="Stride"/> + <see cref="Slot"/>.
/// </summary>
internal struct UnitPlace
{
    /// <summary>Units before those of the same step.</summary>
    public int First;

    /// <summary>Which of the units of its step.</summary>
    public int Slot;

    /// <summary>Units of its step.</summary>
    public int Stride;
}
