namespace Winnow.GpuWorker.Devices;

/// <summary>Neighbouring outputs of a matrix, or elements of a vector, in a file.</summary>
/// <param name="Name">Tensor.</param>
/// <param name="First">First of them.</param>
/// <param name="Count">How many.</param>
internal readonly record struct MatrixRows(string Name, int First, int Count);
