namespace ILGPU.Runtime;

/// <summary>Loads explicitly grouped kernels whose launches name a stream.</summary>
public static class KernelLoaders
{
    /// <summary>Loads an explicitly grouped kernel of 1 parameter.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0> LoadKernel<T0>(this Accelerator accelerator, Action<T0> action)
        where T0 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 2 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1> LoadKernel<T0, T1>(this Accelerator accelerator, Action<T0, T1> action)
        where T0 : struct where T1 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 3 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2> LoadKernel<T0, T1, T2>(this Accelerator accelerator, Action<T0, T1, T2> action)
        where T0 : struct where T1 : struct where T2 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 4 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3> LoadKernel<T0, T1, T2, T3>(this Accelerator accelerator, Action<T0, T1, T2, T3> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 5 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4> LoadKernel<T0, T1, T2, T3, T4>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 6 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5> LoadKernel<T0, T1, T2, T3, T4, T5>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 7 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6> LoadKernel<T0, T1, T2, T3, T4, T5, T6>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 8 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <typeparam name="T7">The type of parameter 7.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7> LoadKernel<T0, T1, T2, T3, T4, T5, T6, T7>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6, T7> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 9 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <typeparam name="T7">The type of parameter 7.</typeparam>
    /// <typeparam name="T8">The type of parameter 8.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8> LoadKernel<T0, T1, T2, T3, T4, T5, T6, T7, T8>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6, T7, T8> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 10 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <typeparam name="T7">The type of parameter 7.</typeparam>
    /// <typeparam name="T8">The type of parameter 8.</typeparam>
    /// <typeparam name="T9">The type of parameter 9.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadKernel<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 11 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <typeparam name="T7">The type of parameter 7.</typeparam>
    /// <typeparam name="T8">The type of parameter 8.</typeparam>
    /// <typeparam name="T9">The type of parameter 9.</typeparam>
    /// <typeparam name="T10">The type of parameter 10.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> LoadKernel<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 12 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <typeparam name="T7">The type of parameter 7.</typeparam>
    /// <typeparam name="T8">The type of parameter 8.</typeparam>
    /// <typeparam name="T9">The type of parameter 9.</typeparam>
    /// <typeparam name="T10">The type of parameter 10.</typeparam>
    /// <typeparam name="T11">The type of parameter 11.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> LoadKernel<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 13 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <typeparam name="T7">The type of parameter 7.</typeparam>
    /// <typeparam name="T8">The type of parameter 8.</typeparam>
    /// <typeparam name="T9">The type of parameter 9.</typeparam>
    /// <typeparam name="T10">The type of parameter 10.</typeparam>
    /// <typeparam name="T11">The type of parameter 11.</typeparam>
    /// <typeparam name="T12">The type of parameter 12.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> LoadKernel<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>>(action.Method);

    /// <summary>Loads an explicitly grouped kernel of 14 parameters.</summary>
    /// <typeparam name="T0">The type of parameter 0.</typeparam>
    /// <typeparam name="T1">The type of parameter 1.</typeparam>
    /// <typeparam name="T2">The type of parameter 2.</typeparam>
    /// <typeparam name="T3">The type of parameter 3.</typeparam>
    /// <typeparam name="T4">The type of parameter 4.</typeparam>
    /// <typeparam name="T5">The type of parameter 5.</typeparam>
    /// <typeparam name="T6">The type of parameter 6.</typeparam>
    /// <typeparam name="T7">The type of parameter 7.</typeparam>
    /// <typeparam name="T8">The type of parameter 8.</typeparam>
    /// <typeparam name="T9">The type of parameter 9.</typeparam>
    /// <typeparam name="T10">The type of parameter 10.</typeparam>
    /// <typeparam name="T11">The type of parameter 11.</typeparam>
    /// <typeparam name="T12">The type of parameter 12.</typeparam>
    /// <typeparam name="T13">The type of parameter 13.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="action">The kernel.</param>
    /// <returns>Launches it in a stream.</returns>
    public static Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> LoadKernel<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(this Accelerator accelerator, Action<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> action)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct where T4 : struct
        where T5 : struct where T6 : struct where T7 : struct where T8 : struct where T9 : struct
        where T10 : struct where T11 : struct where T12 : struct where T13 : struct
        => accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>>(action.Method);
}
