namespace ILGPU.Runtime;

/// <summary>Loads kernels over an extent whose launches name a stream.</summary>
public static class AutoGroupedKernelLoaders
{
    /// <summary>Loads a kernel over an extent, of 1 parameter after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0> LoadAutoGroupedKernel<TIndex, T0>(this Accelerator accelerator, Action<TIndex, T0> action)
        where TIndex : struct, IIndex
        where T0 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0>>(action.Method);

    /// <summary>Loads a kernel over an extent, of 2 parameters after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <typeparam name="T1">The type of parameter 2.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0, T1> LoadAutoGroupedKernel<TIndex, T0, T1>(this Accelerator accelerator, Action<TIndex, T0, T1> action)
        where TIndex : struct, IIndex
        where T0 : struct where T1 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0, T1>>(action.Method);

    /// <summary>Loads a kernel over an extent, of 3 parameters after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <typeparam name="T1">The type of parameter 2.</typeparam>
    /// <typeparam name="T2">The type of parameter 3.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0, T1, T2> LoadAutoGroupedKernel<TIndex, T0, T1, T2>(this Accelerator accelerator, Action<TIndex, T0, T1, T2> action)
        where TIndex : struct, IIndex
        where T0 : struct where T1 : struct where T2 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0, T1, T2>>(action.Method);

    /// <summary>Loads a kernel over an extent, of 4 parameters after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <typeparam name="T1">The type of parameter 2.</typeparam>
    /// <typeparam name="T2">The type of parameter 3.</typeparam>
    /// <typeparam name="T3">The type of parameter 4.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0, T1, T2, T3> LoadAutoGroupedKernel<TIndex, T0, T1, T2, T3>(this Accelerator accelerator, Action<TIndex, T0, T1, T2, T3> action)
        where TIndex : struct, IIndex
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0, T1, T2, T3>>(action.Method);

    /// <summary>Loads a kernel over an extent, of 5 parameters after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <typeparam name="T1">The type of parameter 2.</typeparam>
    /// <typeparam name="T2">The type of parameter 3.</typeparam>
    /// <typeparam name="T3">The type of parameter 4.</typeparam>
    /// <typeparam name="T4">The type of parameter 5.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4> LoadAutoGroupedKernel<TIndex, T0, T1, T2, T3, T4>(this Accelerator accelerator, Action<TIndex, T0, T1, T2, T3, T4> action)
        where TIndex : struct, IIndex
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4>>(action.Method);

    /// <summary>Loads a kernel over an extent, of 6 parameters after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <typeparam name="T1">The type of parameter 2.</typeparam>
    /// <typeparam name="T2">The type of parameter 3.</typeparam>
    /// <typeparam name="T3">The type of parameter 4.</typeparam>
    /// <typeparam name="T4">The type of parameter 5.</typeparam>
    /// <typeparam name="T5">The type of parameter 6.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4, T5> LoadAutoGroupedKernel<TIndex, T0, T1, T2, T3, T4, T5>(this Accelerator accelerator, Action<TIndex, T0, T1, T2, T3, T4, T5> action)
        where TIndex : struct, IIndex
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4, T5>>(action.Method);

    /// <summary>Loads a kernel over an extent, of 7 parameters after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <typeparam name="T1">The type of parameter 2.</typeparam>
    /// <typeparam name="T2">The type of parameter 3.</typeparam>
    /// <typeparam name="T3">The type of parameter 4.</typeparam>
    /// <typeparam name="T4">The type of parameter 5.</typeparam>
    /// <typeparam name="T5">The type of parameter 6.</typeparam>
    /// <typeparam name="T6">The type of parameter 7.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4, T5, T6> LoadAutoGroupedKernel<TIndex, T0, T1, T2, T3, T4, T5, T6>(this Accelerator accelerator, Action<TIndex, T0, T1, T2, T3, T4, T5, T6> action)
        where TIndex : struct, IIndex
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4, T5, T6>>(action.Method);

    /// <summary>Loads a kernel over an extent, of 8 parameters after the index.</summary>
    /// <typeparam name="TIndex">The type of the index.</typeparam>
    /// <typeparam name="T0">The type of parameter 1.</typeparam>
    /// <typeparam name="T1">The type of parameter 2.</typeparam>
    /// <typeparam name="T2">The type of parameter 3.</typeparam>
    /// <typeparam name="T3">The type of parameter 4.</typeparam>
    /// <typeparam name="T4">The type of parameter 5.</typeparam>
    /// <typeparam name="T5">The type of parameter 6.</typeparam>
    /// <typeparam name="T6">The type of parameter 7.</typeparam>
    /// <typeparam name="T7">The type of parameter 8.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4, T5, T6, T7> LoadAutoGroupedKernel<TIndex, T0, T1, T2, T3, T4, T5, T6, T7>(this Accelerator accelerator, Action<TIndex, T0, T1, T2, T3, T4, T5, T6, T7> action)
        where TIndex : struct, IIndex
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct
        => accelerator.LoadAutoGroupedKernel<Action<AcceleratorStream, TIndex, T0, T1, T2, T3, T4, T5, T6, T7>>(action.Method);
}
